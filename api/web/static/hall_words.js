// The words of the city that a form offers; a test holds them to the vocabulary of the ledger.

import { t } from './words.js';

export const OFFICES = {
  admin: t('ผู้ดูแลระบบ', 'admin'),
  treasurer: t('เหรัญญิก', 'treasurer'),
  campaign_officer: t('เจ้าหน้าที่โครงการ', 'campaign officer'),
  approver: t('ผู้อนุมัติ', 'approver'),
  issuer: t('ผู้ให้สิทธิ์', 'issuer'),
  registrar: t('นายทะเบียน', 'registrar'),
  guardian: t('ผู้พิทักษ์ระบบ', 'guardian'),
  auditor: t('ผู้ตรวจสอบ', 'auditor'),
};

export const CLASSES = {
  resident: t('ผู้อยู่อาศัย', 'residents'),
  student: t('นักเรียนนักศึกษา', 'students'),
  visitor: t('ผู้มาเยือน', 'visitors'),
  paper: t('ผู้ถือคูปองกระดาษ', 'holders of paper coupons'),
  staff: t('เจ้าหน้าที่', 'staff'),
  senior: t('ผู้สูงอายุ', 'senior citizens'),
};

export const CATEGORIES = {
  restaurant: t('ร้านอาหาร', 'restaurants'),
  grocery: t('ร้านของชำ', 'groceries'),
  transport: t('ขนส่งสาธารณะ', 'public transport'),
  health: t('สุขภาพ', 'health'),
  education: t('การศึกษา', 'education'),
  recycling: t('รีไซเคิล', 'recycling'),
  attraction: t('แหล่งท่องเที่ยว', 'attractions'),
  service: t('ร้านบริการ', 'services'),
  temple: t('วัด', 'temples'),
};

export const DAYS = {
  monday: t('จันทร์', 'Mon'),
  tuesday: t('อังคาร', 'Tue'),
  wednesday: t('พุธ', 'Wed'),
  thursday: t('พฤหัสบดี', 'Thu'),
  friday: t('ศุกร์', 'Fri'),
  saturday: t('เสาร์', 'Sat'),
  sunday: t('อาทิตย์', 'Sun'),
};

/** A campaign's state: its words, the kind of badge and its drawing. */
export const STATES = {
  drafted: [t('ร่าง รออนุมัติ', 'Draft, to be approved'), 'busy', 'wait'],
  approved: [t('อนุมัติแล้ว รอให้สิทธิ์', 'Approved, to be issued'), 'busy', 'wait'],
  open: [t('เปิดใช้อยู่', 'Open'), 'good', 'tick'],
  paused: [t('หยุดชั่วคราว', 'Paused'), 'bad', 'cross'],
  closed: [t('ปิดแล้ว', 'Closed'), '', 'list'],
};
