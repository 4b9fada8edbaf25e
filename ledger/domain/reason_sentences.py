"""The sentence of every reason for which a redemption is refused; fields are the figures."""

from __future__ import annotations

from typing import Final

from ledger.domain.sentence import Sentence

_ASK_REGISTRAR_TH: Final = "ติดต่อนายทะเบียนของเทศบาล"
_ASK_REGISTRAR_EN: Final = "Ask the city's registrar."
_PAY_REST_TH: Final = "ลดยอดที่ใช้สิทธิ์ แล้วจ่ายส่วนที่เหลือเอง"
_PAY_REST_EN: Final = "Use a smaller amount and pay the rest yourself."
_FRESH_QR_TH: Final = "แสดง QR ใหม่ (QR เปลี่ยนทุก 15 วินาที)"
_FRESH_QR_EN: Final = "Show a fresh QR: it changes every 15 seconds."
_NO_MORE_TH: Final = "ชำระด้วยวิธีอื่น หรือดูโครงการอื่นที่ยังใช้ได้"
_NO_MORE_EN: Final = "Pay another way, or see which other campaigns are open to you."

REASON_SENTENCES: Final[dict[str, Sentence]] = {
    "signature_invalid": Sentence(
        th="ตรวจสอบลายเซ็นไม่ผ่าน หรือผู้ลงลายเซ็นไม่มีบัตรสมาชิกของเมืองนี้",
        en="The signature does not verify, or whoever signed holds no pass of this city.",
        action_th="เปิดคูปองในกระเป๋าของท่านใหม่ แล้วลองอีกครั้ง",
        action_en="Open the coupon in your wallet again and retry.",
    ),
    "pass_suspended": Sentence(
        th="บัตรสมาชิกหมายเลข {pass} ถูกระงับอยู่",
        en="Pass {pass} is suspended.",
        action_th=_ASK_REGISTRAR_TH,
        action_en=_ASK_REGISTRAR_EN,
    ),
    "pass_expired": Sentence(
        th="บัตรสมาชิกใช้ไม่ได้ในเวลานี้ ใช้ได้ตั้งแต่ {valid_from:date} ถึง {valid_until:until}",
        en="The pass is not valid now: it is valid from {valid_from:date} to {valid_until:until}.",
        action_th=_ASK_REGISTRAR_TH + "เพื่อต่ออายุบัตร",
        action_en="Ask the city's registrar to renew the pass.",
    ),
    "already_spent": Sentence(
        th="QR นี้ใช้ไปแล้ว หรือเก่ากว่าการใช้สิทธิ์ครั้งล่าสุด ({last_signed_at:date})",
        en="This QR was used, or is older than the last redemption ({last_signed_at:date}).",
        action_th=_FRESH_QR_TH,
        action_en=_FRESH_QR_EN,
    ),
    "signed_in_future": Sentence(
        th="เวลาในลายเซ็นเร็วกว่าเวลาจริง {seconds:seconds}",
        en="The signed time is {seconds:seconds} ahead of the real time.",
        action_th="ตั้งนาฬิกาของโทรศัพท์เป็นอัตโนมัติ แล้วแสดง QR ใหม่",
        action_en="Set the phone's clock to automatic and show a fresh QR.",
    ),
    "presentation_expired": Sentence(
        th="QR หมดอายุแล้ว: ลงลายเซ็นเมื่อ {signed_at:date} ใช้ได้ {limit_seconds:seconds}",
        en="The QR has expired: signed {signed_at:date}, good for {limit_seconds:seconds}.",
        action_th=_FRESH_QR_TH,
        action_en=_FRESH_QR_EN,
    ),
    "campaign_paused": Sentence(
        th="โครงการหยุดรับสิทธิ์ชั่วคราวตั้งแต่ {paused_at:date}",
        en="The campaign has been paused since {paused_at:date}.",
        action_th="รอประกาศจากเทศบาล สิทธิ์ที่เหลือยังอยู่ครบ",
        action_en="Wait for the city's notice; what is left of your coupon stays yours.",
    ),
    "ended": Sentence(
        th="โครงการสิ้นสุดแล้วเมื่อ {ends:date}",
        en="The campaign ended on {ends:date}.",
        action_th=_NO_MORE_TH,
        action_en=_NO_MORE_EN,
    ),
    "not_in_audience": Sentence(
        th="โครงการนี้สำหรับ {audience:class} แต่บัตรนี้เป็นของ {class:class}",
        en="This campaign is for {audience:class}; this pass is one of {class:class}.",
        action_th=_NO_MORE_TH,
        action_en=_NO_MORE_EN,
    ),
    "not_on_list": Sentence(
        th="บัตรหมายเลข {pass} ไม่อยู่ในรายชื่อผู้ได้รับสิทธิ์ {list_count} รายของโครงการนี้",
        en="Pass {pass} is not among the {list_count} on this campaign's list.",
        action_th="หากคิดว่าควรมีชื่อ โปรดสอบถามเจ้าหน้าที่โครงการ",
        action_en="If you should be on it, ask the campaign's officer.",
    ),
    "first_use_missed": Sentence(
        th="สิทธิ์ตกไปแล้ว เพราะไม่ได้ใช้ครั้งแรกภายใน {first_use_by:date}",
        en="The coupon has lapsed: it was not used for the first time by {first_use_by:date}.",
        action_th=_NO_MORE_TH,
        action_en=_NO_MORE_EN,
    ),
    "outside_hours": Sentence(
        th="นอกเวลาใช้สิทธิ์ ใช้ได้อีกครั้ง {opens_at:date}",
        en="Outside the hours of the campaign. It opens again {opens_at:date}.",
        action_th="กลับมาใช้สิทธิ์ในเวลาที่เปิด",
        action_en="Come back within the opening hours.",
    ),
    "merchant_unknown": Sentence(
        th="ไม่พบร้านค้าหมายเลข {merchant} ในทะเบียนของเมือง",
        en="No merchant {merchant} is registered in this city.",
        action_th="อย่าชำระเงิน ตรวจป้าย QR กับทางร้านว่าเป็นของร้านจริง",
        action_en="Do not pay. Check with the shop that the QR on the stand is its own.",
    ),
    "merchant_suspended": Sentence(
        th="ร้านค้าหมายเลข {merchant} รับสิทธิ์ไม่ได้ในขณะนี้ ({state:state})",
        en="Merchant {merchant} cannot take coupons now ({state:state}).",
        action_th="ใช้สิทธิ์ที่ร้านอื่น ทางร้านโปรดติดต่อเทศบาล",
        action_en="Use the coupon at another shop. The shop should call the city.",
    ),
    "wrong_category": Sentence(
        th="ร้านนี้จดทะเบียนเป็น {category:category} แต่โครงการใช้ได้กับ {categories:category}",
        en="This shop is registered under {category:category}; the campaign is for "
        "{categories:category}.",
        action_th="ใช้สิทธิ์ที่ร้านในประเภทที่กำหนด",
        action_en="Use the coupon at a shop of the right kind.",
    ),
    "wrong_district": Sentence(
        th="ร้านนี้อยู่เขต {merchant_district} ซึ่งใช้สิทธิ์ของบัตรเขต {pass_district} ไม่ได้",
        en="This shop is in district {merchant_district}, where a pass of district "
        "{pass_district} cannot use this coupon.",
        action_th="ใช้สิทธิ์ที่ร้านในเขตที่กำหนด",
        action_en="Use the coupon at a shop in the right district.",
    ),
    "amount_invalid": Sentence(
        th="ยอดไม่ถูกต้อง: บิล {bill:baht} บาท ใช้สิทธิ์ {amount:baht} บาท จ่ายร่วม {copay:baht} บาท",
        en="The figures do not fit: bill {bill:baht}, amount {amount:baht}, copay "
        "{copay:baht} baht.",
        action_th="ใช้สิทธิ์มากกว่า 0 และเมื่อรวมกับยอดจ่ายร่วมต้องไม่เกินบิล",
        action_en="The amount must be above 0, and with the copay no more than the bill.",
    ),
    "bill_too_small": Sentence(
        th="บิล {bill:baht} บาท ต่ำกว่าขั้นต่ำ {bill_min:baht} บาท",
        en="The bill of {bill:baht} baht is below the least of {bill_min:baht} baht.",
        action_th="รวมรายการให้ถึงขั้นต่ำ หรือชำระด้วยวิธีอื่น",
        action_en="Bring the bill up to the least, or pay another way.",
    ),
    "maximum_exceeded": Sentence(
        th="ยอดเกินที่ลงลายเซ็นไว้: บิลสูงสุด {bill_max:baht} บาท ใช้สิทธิ์สูงสุด {amount_max:baht} บาท",
        en="More than was signed: at most a bill of {bill_max:baht} and an amount of "
        "{amount_max:baht} baht.",
        action_th="ให้ผู้ถือสิทธิ์ตั้งยอดสูงสุดใหม่ แล้วแสดง QR อีกครั้ง",
        action_en="Ask the holder to set a higher maximum and show the QR again.",
    ),
    "share_exceeded": Sentence(
        th="เมืองร่วมจ่าย {share_basis_points:percent} ของบิล {bill:baht} บาท "
        "คือไม่เกิน {amount_max:baht} บาท",
        en="The city pays {share_basis_points:percent} of the bill of {bill:baht} baht: at most "
        "{amount_max:baht} baht.",
        action_th=_PAY_REST_TH,
        action_en=_PAY_REST_EN,
    ),
    "per_use_exceeded": Sentence(
        th="ใช้สิทธิ์ได้ไม่เกินครั้งละ {per_use_max:baht} บาท",
        en="At most {per_use_max:baht} baht may be used at a time.",
        action_th=_PAY_REST_TH,
        action_en=_PAY_REST_EN,
    ),
    "day_quota_used": Sentence(
        th="วันนี้ใช้สิทธิ์ไปแล้ว {spent_today:baht} บาท เหลือ {day_left:baht} บาท",
        en="{spent_today:baht} baht have been used today; {day_left:baht} baht are left.",
        action_th="ใช้ไม่เกินยอดที่เหลือของวันนี้ หรือใช้สิทธิ์ใหม่วันพรุ่งนี้",
        action_en="Use no more than is left today, or come back tomorrow.",
    ),
    "allowance_used": Sentence(
        th="ใช้สิทธิ์ทั้งหมดไปแล้ว {spent_total:baht} บาท จาก {allowance:baht} บาท "
        "เหลือ {allowance_left:baht} บาท",
        en="{spent_total:baht} of {allowance:baht} baht have been used; {allowance_left:baht} "
        "baht are left.",
        action_th=_PAY_REST_TH,
        action_en=_PAY_REST_EN,
    ),
    "budget_used": Sentence(
        th="งบประมาณของโครงการเหลือ {budget_left:baht} บาท ไม่พอสำหรับ {amount:baht} บาท",
        en="The campaign's budget has {budget_left:baht} baht left, not enough for "
        "{amount:baht} baht.",
        action_th=_NO_MORE_TH,
        action_en=_NO_MORE_EN,
    ),
    "copay_unpaid": Sentence(
        th="จ่ายร่วม {copay:baht} บาทด้วยโทเคนของเมืองไม่ได้ ใช้ได้ {copay_funds:baht} บาท",
        en="The copay of {copay:baht} baht cannot be taken in city tokens: {copay_funds:baht} "
        "baht may be moved.",
        action_th="เติมโทเคน หรือจ่ายส่วนของท่านเป็นเงินสด",
        action_en="Top up, or pay your share in cash.",
    ),
    "force_too_early": Sentence(
        th="ร้านส่งรายการเองได้ตั้งแต่ {free_at:date} ก่อนหน้านั้นเป็นหน้าที่ของเมือง",
        en="A shop may bring this to the chain itself from {free_at:date}; until then the city "
        "does.",
        action_th="รอจนถึงเวลานั้น หากเมืองยังไม่บันทึกจึงส่งเอง",
        action_en="Wait until then; if the city has still not included it, send it.",
    ),
    "force_needs_merchant": Sentence(
        th="ส่งรายการเองไม่ได้ เพราะลายเซ็นไม่ได้ระบุชื่อร้าน",
        en="This cannot be forced: the holder named no shop in it.",
        action_th="ให้ผู้ถือสิทธิ์สแกน QR ของร้านและลงลายเซ็นใหม่",
        action_en="Let the holder scan the shop's QR and sign again.",
    ),
    "not_started": Sentence(
        th="โครงการยังไม่เริ่ม เริ่ม {starts:date}",
        en="The campaign has not begun: it begins {starts:date}.",
        action_th="กลับมาใช้สิทธิ์เมื่อโครงการเริ่ม",
        action_en="Come back when it has begun.",
    ),
    "step_invalid": Sentence(
        th="เวลาที่ลงลายเซ็นไม่ตรงช่วง 15 วินาทีของโครงการ",
        en="The signed time is not on one of the campaign's 15-second steps.",
        action_th="ปรับรุ่นกระเป๋าให้เป็นรุ่นล่าสุด แล้วแสดง QR ใหม่",
        action_en="Update the wallet and show a fresh QR.",
    ),
    "campaign_not_open": Sentence(
        th="โครงการหมายเลข {campaign} ยังไม่เปิดหรือปิดแล้ว ({state:state})",
        en="Campaign {campaign} is not open ({state:state}).",
        action_th="รอประกาศเปิดโครงการจากเทศบาล",
        action_en="Wait for the city to open it.",
    ),
    "instalment_not_released": Sentence(
        th="เปิดให้ใช้แล้ว {released:baht} บาท ใช้ไปแล้ว {spent_total:baht} บาท "
        "เหลือ {released_left:baht} บาท งวดถัดไป {next_amount:baht} บาท เปิด {next_opens:until} "
        "เมื่อใช้ครบ {next_after_spending:baht} บาท",
        en="{released:baht} baht are released, {spent_total:baht} are used and "
        "{released_left:baht} are left. The next {next_amount:baht} baht open {next_opens:until}, "
        "once {next_after_spending:baht} baht are used.",
        action_th=_PAY_REST_TH,
        action_en=_PAY_REST_EN,
    ),
    "household_quota_used": Sentence(
        th="ครัวเรือนนี้ใช้สิทธิ์{period:period}ไปแล้ว {household_spent:baht} บาท "
        "จาก {household_max:baht} บาท เหลือ {household_left:baht} บาท",
        en="The household has used {household_spent:baht} of its {household_max:baht} baht "
        "{period:period}; {household_left:baht} baht are left.",
        action_th=_PAY_REST_TH,
        action_en=_PAY_REST_EN,
    ),
    "merchant_cap_reached": Sentence(
        th="วันนี้ร้านหมายเลข {merchant} รับสิทธิ์แล้ว {taken_today:baht} บาท "
        "จาก {merchant_per_day_max:baht} บาท รับได้อีก {merchant_left:baht} บาท",
        en="Merchant {merchant} has taken {taken_today:baht} of {merchant_per_day_max:baht} baht "
        "today and may take {merchant_left:baht} more.",
        action_th="ใช้สิทธิ์ที่ร้านอื่น หรือกลับมาวันพรุ่งนี้",
        action_en="Use the coupon at another shop, or come back tomorrow.",
    ),
    "notice_not_acknowledged": Sentence(
        th="ยังไม่ได้รับทราบประกาศสินค้าต้องห้าม: “{notice}”",
        en="The notice of what may not be bought was not acknowledged: “{notice}”.",
        action_th="อ่านประกาศบนหน้าจอ แล้วกดรับทราบ",
        action_en="Read the notice on the screen and acknowledge it.",
    ),
    "other_coupon_first": Sentence(
        th="ต้องใช้คูปองของโครงการหมายเลข {campaign} ก่อน (กลุ่ม {group})",
        en="The coupon of campaign {campaign} has to pay first (group {group}).",
        action_th="เลือกคูปองนั้นก่อน แล้วใช้คูปองนี้กับส่วนที่เหลือ",
        action_en="Choose that coupon first and pay the rest with this one.",
    ),
    "place_unknown": Sentence(
        th="ไม่ทราบว่าท่านอยู่ที่ร้าน: {why:place}",
        en="Nobody can tell that you are at the shop: {why:place}.",
        action_th="เปิดตำแหน่งในโทรศัพท์แล้วลองใหม่ หรือสแกนป้าย QR ประจำร้าน",
        action_en="Switch the phone's location on and retry, or scan the shop's own stand.",
    ),
    "too_far": Sentence(
        th="ท่านอยู่ห่างจากร้าน {distance_metres} เมตร ใช้สิทธิ์ได้ภายใน {metres_max} เมตร",
        en="You are {distance_metres} metres from the shop; the coupon is good within "
        "{metres_max} metres.",
        action_th="ใช้สิทธิ์ที่ร้าน ต่อหน้าผู้ขาย",
        action_en="Use the coupon at the shop, face to face.",
    ),
    "paper_pin_needed": Sentence(
        th="คูปองกระดาษที่ใช้เกิน {paper_pin_above:baht} บาทต้องใส่รหัส ครั้งนี้ {amount:baht} บาท",
        en="Above {paper_pin_above:baht} baht a paper coupon needs its PIN; this is "
        "{amount:baht} baht.",
        action_th="ใส่รหัสของคูปองกระดาษ หรือลดยอดที่ใช้สิทธิ์",
        action_en="Enter the PIN of the paper coupon, or use a smaller amount.",
    ),
    "till_fact_missing": Sentence(
        th="ระบบหน้าร้านไม่มีข้อมูลสำหรับตรวจเงื่อนไข{rule:rule}",
        en="The till lacks what it needs to judge the rule of {rule:rule}.",
        action_th="ลองอีกครั้ง หากยังไม่ได้โปรดแจ้งเจ้าหน้าที่โครงการ",
        action_en="Retry; if it stays so, tell the campaign's officer.",
    ),
}
