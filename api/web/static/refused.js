// What the city refuses, and its silence, as every page tells them.

/** What the city refused, in both languages, or what went wrong on the way (`code` "offline"). */
export class Refused extends Error {
  constructor(problem, status) {
    super(problem.code);
    this.code = problem.code;
    this.status = status;
    this.th = [problem.detail_th, problem.action_th];
    this.en = [problem.detail_en, problem.action_en];
  }

  /** No answer, or one that may be another next time: the same request may be sent again. */
  get unsure() {
    return this.status === 0 || this.status >= 500 || this.code === 'idempotency_in_progress';
  }
}

export const OFFLINE = {
  code: 'offline',
  detail_th: 'ติดต่อระบบของเมืองไม่ได้',
  action_th: 'ตรวจสัญญาณแล้วลองอีกครั้ง',
  detail_en: 'The city cannot be reached.',
  action_en: 'Check the signal and try again.',
};
