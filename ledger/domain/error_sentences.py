"""The sentence of every error code. Fields are the details of the error."""

from __future__ import annotations

from typing import Final

from ledger.domain.sentence import Sentence

_RETRY_TH: Final = "รอสักครู่แล้วลองใหม่"
_RETRY_EN: Final = "Wait a moment and try again."
_OPERATOR_TH: Final = "แจ้งผู้ดูแลระบบ ระบบหยุดไว้ก่อนเพื่อไม่ให้บัญชีคลาดเคลื่อน"
_OPERATOR_EN: Final = "Tell the operator. Work has stopped so that the books stay right."

ERROR_SENTENCES: Final[dict[str, Sentence]] = {
    "ledger_error": Sentence(
        th="ทำรายการไม่สำเร็จ",
        en="This could not be done.",
        action_th=_RETRY_TH,
        action_en=_RETRY_EN,
    ),
    "input_invalid": Sentence(
        th="ข้อมูล {what} ไม่ถูกต้อง: {why}",
        en="{what} cannot be read: {why}.",
        action_th="แก้ข้อมูลแล้วส่งใหม่",
        action_en="Correct it and send it again.",
    ),
    "qr_invalid": Sentence(
        th="ใช้ QR นี้ไม่ได้: {why_th}",
        en="This QR cannot be used: {why}.",
        action_th="ตรวจว่าเป็น QR ของเมืองนี้ แล้วสแกนใหม่",
        action_en="Check that the QR is this city's and scan again.",
    ),
    "policy_invalid": Sentence(
        th="เอกสารเงื่อนไขโครงการผิดที่ {pointer} (บรรทัด {line}): {why}",
        en="The policy document is wrong at {pointer} (line {line}): {why}.",
        action_th="แก้บรรทัดนั้นแล้วตรวจใหม่ก่อนร่างโครงการ",
        action_en="Correct that line and check the document again before drafting.",
    ),
    "list_invalid": Sentence(
        th="รายชื่อมีบรรทัดที่ผิด: {rows:rows}",
        en="The list has bad rows: {rows:rows}.",
        action_th="แก้ทุกบรรทัดแล้วส่งใหม่ทั้งไฟล์ ยังไม่มีการนำเข้าใดๆ",
        action_en="Correct every row and send the whole file again. Nothing was imported.",
    ),
    "amount_unreadable": Sentence(
        th="อ่านจำนวนเงิน “{text}” ไม่ได้: {why}",
        en="“{text}” is not an amount of baht: {why}.",
        action_th="พิมพ์เป็นบาท เช่น 1,234.50 ทศนิยมไม่เกินสองตำแหน่ง",
        action_en="Write baht like 1,234.50, with at most two decimals.",
    ),
    "csv_invalid": Sentence(
        th="ไฟล์ CSV มีบรรทัดที่ผิด: {rows:rows}",
        en="The CSV file has bad rows: {rows:rows}.",
        action_th="แก้ทุกบรรทัดแล้วส่งใหม่ทั้งไฟล์ ยังไม่มีการนำเข้าใดๆ",
        action_en="Correct every row and send the whole file again. Nothing was imported.",
    ),
    "merchant_category_mismatch": Sentence(
        th="ขึ้นทะเบียน “{name}” เป็นหมวด {category} ไม่ได้: สถานที่นี้เป็น {kind}",
        en="“{name}” cannot be registered under {category}: the place is a {kind}.",
        action_th="เลือกหมวดให้ตรงกับสถานที่ หรือถ้าชื่อทำให้เข้าใจผิด ให้ระบุเหตุผลเป็นลายลักษณ์อักษร",
        action_en="Choose its own category; where only the name misleads, give a written reason.",
    ),
    "redemption_refused": Sentence(
        th="ใช้สิทธิ์ไม่ได้ ({reason})",
        en="The redemption is refused ({reason}).",
        action_th="ดูเหตุผลที่แจ้งไว้",
        action_en="See the reason given.",
    ),
    "not_found": Sentence(
        th="ไม่พบสิ่งที่ขอ",
        en="There is no such thing.",
        action_th="ตรวจหมายเลขแล้วลองใหม่",
        action_en="Check the number and try again.",
    ),
    "unknown_campaign": Sentence(
        th="ไม่พบโครงการหมายเลข {campaign}",
        en="There is no campaign {campaign}.",
        action_th="ดูรายการโครงการแล้วเลือกใหม่",
        action_en="See the list of campaigns and choose again.",
    ),
    "unknown_pass": Sentence(
        th="ไม่พบบัตรสมาชิกนี้",
        en="There is no such pass.",
        action_th="ลงทะเบียนกับเทศบาลก่อนใช้สิทธิ์",
        action_en="Enrol with the city first.",
    ),
    "unknown_merchant": Sentence(
        th="ไม่พบร้านค้าหมายเลข {merchant}",
        en="There is no merchant {merchant}.",
        action_th="ตรวจหมายเลขร้านค้า",
        action_en="Check the merchant's number.",
    ),
    "unknown_redemption": Sentence(
        th="ไม่พบรายการใช้สิทธิ์นี้",
        en="There is no such redemption.",
        action_th="ตรวจเลขอ้างอิงในใบรับ",
        action_en="Check the reference on the receipt.",
    ),
    "unknown_intent": Sentence(
        th="ไม่พบคำสั่งงานนี้",
        en="There is no such intent.",
        action_th="ตรวจรหัสคำสั่งงาน",
        action_en="Check the intent's id.",
    ),
    "unknown_verdict": Sentence(
        th="ไม่พบคำวินิจฉัยนี้",
        en="There is no such verdict.",
        action_th="ตรวจรหัสคำวินิจฉัย ผู้ถือบัตรหรือร้านที่เกี่ยวข้องเท่านั้นที่ขอดูได้",
        action_en="Check the verdict's id; only its holder or shop may ask for it.",
    ),
    "bank_file_invalid": Sentence(
        th="ไฟล์จากธนาคารใช้ไม่ได้: {rows:rows}",
        en="The bank's file cannot be taken: {rows:rows}.",
        action_th="ขอไฟล์ใหม่จากธนาคาร ยังไม่มีการบันทึกใดๆ จากไฟล์นี้",
        action_en="Ask the bank for the file again. Nothing of it was taken.",
    ),
    "unknown_webhook": Sentence(
        th="ไม่พบปลายทางแจ้งเหตุการณ์ {webhook}",
        en="There is no webhook {webhook} of yours.",
        action_th="ดูรายการด้วย nakhon merchant webhook list แล้วเลือกใหม่",
        action_en="See nakhon merchant webhook list and choose again.",
    ),
    "webhook_key_changed": Sentence(
        th="เมืองเปลี่ยนกุญแจแล้ว รหัสลับของปลายทาง {webhook} จึงใช้ลงนามไม่ได้อีก",
        en="The city's key was changed: the secret of webhook {webhook} signs no more.",
        action_th="ขอรหัสลับใหม่ด้วย nakhon merchant webhook rotate แล้วเปิดปลายทางอีกครั้ง",
        action_en="Take a new secret (nakhon merchant webhook rotate), then enable it again.",
    ),
    "unknown_round": Sentence(
        th="ไม่พบรอบจ่ายเงินที่ {round}",
        en="There is no round {round}.",
        action_th="ดูเลขรอบที่มีด้วย nakhon settle list",
        action_en="See the rounds there are with: nakhon settle list.",
    ),
    "round_needs_another": Sentence(
        th="ผู้ทำรอบจ่ายเงินที่ {round} อนุมัติเองไม่ได้",
        en="Whoever made round {round} cannot approve it.",
        action_th="ให้เจ้าหน้าที่อีกคนตรวจและอนุมัติ",
        action_en="Let another officer check and approve it.",
    ),
    "unknown_device": Sentence(
        th="ไม่พบเครื่องนี้ในร้าน",
        en="The shop has no such device.",
        action_th="ดูรายการเครื่องของร้าน หรือจับคู่ใหม่",
        action_en="See the shop's list of devices, or pair again.",
    ),
    "pairing_code_unknown": Sentence(
        th="ร้านนี้ไม่ได้ให้รหัสจับคู่นี้ไว้",
        en="This shop has given no such pairing code.",
        action_th="ถามรหัสและเลขที่ร้านจากเจ้าของอีกครั้ง เดาผิดหลายครั้งรหัสจะถูกล็อก",
        action_en="Ask the owner for the code and the shop's number. Wrong guesses lock the code.",
    ),
    "conflict": Sentence(
        th="ทำรายการนี้ในตอนนี้ไม่ได้: {why}",
        en="This cannot be done now: {why}.",
        action_th="ดูสถานะล่าสุดแล้วลองใหม่",
        action_en="Look at the present state and try again.",
    ),
    "idempotency_mismatch": Sentence(
        th="รหัสกันส่งซ้ำนี้เคยใช้กับคำขออื่นแล้ว",
        en="This idempotency key was used with another request.",
        action_th="ใช้รหัสใหม่สำหรับคำขอใหม่",
        action_en="Use a new key for a new request.",
    ),
    "idempotency_in_progress": Sentence(
        th="คำขอแรกที่ใช้รหัสนี้ยังทำไม่เสร็จ",
        en="The first request with this key is still running.",
        action_th=_RETRY_TH + " ด้วยรหัสเดิม",
        action_en="Wait a moment and try again with the same key.",
    ),
    "wrong_state": Sentence(
        th="{what} อยู่ในสถานะ {state:state} ต้องเป็น {needs:state} ก่อน",
        en="{what} is {state:state}; it must be {needs:state} first.",
        action_th="ทำขั้นตอนก่อนหน้าให้เสร็จก่อน",
        action_en="Finish the step before this one.",
    ),
    "not_anchored": Sentence(
        th="รายการ {redemption} ยังไม่มีบัญชีประจำวันที่ประทับบนเชน: {why}",
        en="{redemption} stands in no anchored books yet: {why}.",
        action_th="ลองใหม่หลังสิ้นวัน เมื่อบัญชีของวันถูกประทับแล้ว",
        action_en="Ask again after the end of the day, when its books are anchored.",
    ),
    "issuing_stopped": Sentence(
        th="หยุดแจกคูปองและเปิดโครงการไว้ก่อน เพราะดัชนีไม่ตรงกับเชน ({what})",
        en="Nothing is issued now: the index is not what the chain says ({what}).",
        action_th="ให้ผู้ดูแลระบบซ่อมดัชนีตามคู่มือ index_drifted แล้วส่งคำขอเดิมอีกครั้ง",
        action_en="Have the index repaired (runbook: index_drifted), then send this again.",
    ),
    "policy_missing": Sentence(
        th="จุดรับยังไม่มีเอกสารกติกาของโครงการ {campaign} จึงยังรับคูปองไม่ได้",
        en="The till lacks the policy document of campaign {campaign}, so it takes no coupon.",
        action_th="ให้เทศบาลนำเข้าเอกสารกติกาที่มีแฮชตรงกับในสัญญา",
        action_en="Have the city bring the document whose hash the contract holds.",
    ),
    "pairing_code_over": Sentence(
        th="รหัสจับคู่นี้ใช้ไม่ได้แล้ว: {why}",
        en="This pairing code is good no more: {why}.",
        action_th="ให้เจ้าของร้านออกรหัสใหม่",
        action_en="Let the shop's owner make a new code.",
    ),
    "unauthorised": Sentence(
        th="ไม่มีสิทธิ์ทำรายการนี้",
        en="This is not allowed.",
        action_th="เข้าใช้งานด้วยบัญชีที่มีสิทธิ์",
        action_en="Use an account that is allowed to.",
    ),
    "key_unknown": Sentence(
        th="ไม่รู้จักคีย์ API นี้ หรือถูกยกเลิกแล้ว",
        en="This API key is unknown or was withdrawn.",
        action_th="ขอคีย์ใหม่จากผู้ดูแลระบบ",
        action_en="Ask the administrator for a new key.",
    ),
    "role_missing": Sentence(
        th="ต้องมีบทบาท {role} จึงทำรายการนี้ได้",
        en="This needs the role {role}.",
        action_th="ให้ผู้ที่มีบทบาทนี้เป็นผู้ทำรายการ",
        action_en="Let somebody who has the role do it.",
    ),
    "request_expired": Sentence(
        th="คำขอที่ลงลายเซ็นหมดอายุ หรือเวลาไม่ตรง",
        en="The signed request is too old, or its clock is wrong.",
        action_th="ตั้งนาฬิกาเป็นอัตโนมัติ แล้วลองใหม่",
        action_en="Set the clock to automatic and try again.",
    ),
    "same_person": Sentence(
        th="ท่านเป็นผู้ทำขั้นตอนอื่นของโครงการ {campaign} แล้ว ({step}) จึงทำขั้นตอนนี้ไม่ได้",
        en="You have taken another step of campaign {campaign} ({step}); this one is not yours.",
        action_th="ผู้ร่าง ผู้อนุมัติ และผู้ออกคูปองต้องเป็นคนละคน ให้เจ้าหน้าที่อีกคนทำ",
        action_en="Drafting, approving and issuing need three people: let another officer do it.",
    ),
    "device_revoked": Sentence(
        th="เจ้าของร้านยกเลิกเครื่องนี้แล้ว",
        en="The shop's owner has withdrawn this device.",
        action_th="ให้เจ้าของร้านรับชำระ หรือจับคู่ใหม่ด้วยกุญแจใหม่",
        action_en="Let the owner take the payment, or pair again with a new key.",
    ),
    "device_bill_limit_exceeded": Sentence(
        th="เครื่องนี้รับได้ไม่เกิน {bill_max:baht} บาทต่อบิล รายการนี้ {amount:baht} บาท",
        en="This device may take {bill_max:baht} baht a bill; this one would be {amount:baht}.",
        action_th="ให้เจ้าของร้านรับรายการนี้",
        action_en="Let the shop's owner take this one.",
    ),
    "device_day_limit_used": Sentence(
        th="วันนี้เครื่องนี้รับแล้ว {taken:baht} จาก {day_max:baht} บาท เหลือ {day_left:baht} บาท",
        en="Today this device took {taken:baht} of {day_max:baht} baht; {day_left:baht} are left.",
        action_th="ให้เจ้าของร้านรับรายการนี้ หรือรอวันพรุ่งนี้",
        action_en="Let the shop's owner take this one, or wait for tomorrow.",
    ),
    "assisted_day_limit_used": Sentence(
        th="วันนี้ท่านช่วยครบ {limit} รายการแล้ว",
        en="You have helped with {limit} acts today, as many as one may.",
        action_th="ส่งต่อให้นายทะเบียน หรือทำต่อวันพรุ่งนี้",
        action_en="Send the resident to the registrar, or go on tomorrow.",
    ),
    "chain_failure": Sentence(
        th="เครือข่ายบล็อกเชนขัดข้อง",
        en="The chain did not do what was asked.",
        action_th=_OPERATOR_TH,
        action_en=_OPERATOR_EN,
    ),
    "node_unreachable": Sentence(
        th="ติดต่อโหนดบล็อกเชนไม่ได้ ({why})",
        en="The blockchain node does not answer ({why}).",
        action_th=_RETRY_TH + " หรือตรวจว่าโหนดทำงานอยู่",
        action_en="Wait a moment and try again, or check that the node is running.",
    ),
    "wrong_chain": Sentence(
        th="โหนดนี้เป็นของเชนหมายเลข {found} ไม่ใช่ {expected}",
        en="This node serves chain {found}, not {expected}.",
        action_th="ตั้งค่าที่อยู่โหนดให้ตรงกับเชนของเมือง",
        action_en="Point the settings at a node of the city's chain.",
    ),
    "deployment_mismatch": Sentence(
        th="สัญญา {contract} บนเชนไม่ตรงกับบันทึกการติดตั้ง: {why}",
        en="{contract} on the chain is not the one in the deployment record: {why}.",
        action_th="ตรวจไฟล์บันทึกการติดตั้งและที่อยู่โหนด อย่าทำรายการต่อ",
        action_en="Check the deployment record and the node's address. Do not go on.",
    ),
    "unknown_event": Sentence(
        th="พบเหตุการณ์ที่ไม่รู้จักในบล็อก {block}",
        en="Block {block} holds an event nobody taught this program to read.",
        action_th=_OPERATOR_TH,
        action_en=_OPERATOR_EN,
    ),
    "reorg_too_deep": Sentence(
        th="เชนเปลี่ยนแปลงลึกกว่าบล็อกที่ถือว่าสมบูรณ์แล้ว ({final})",
        en="The chain changed below block {final}, which was final.",
        action_th=_OPERATOR_TH,
        action_en=_OPERATOR_EN,
    ),
    "node_lied": Sentence(
        th="ข้อมูลจากโหนดขัดแย้งกันเอง: {what}",
        en="What the node tells contradicts itself: {what}.",
        action_th="เทียบกับโหนดอื่น แล้วแจ้งผู้ดูแลระบบ",
        action_en="Compare with another node and tell the operator.",
    ),
    "index_drifted": Sentence(
        th="ดัชนีไม่ตรงกับเชน: {what}",
        en="The index is not what the chain says: {what}.",
        action_th="หยุดเมือง สั่ง python -m ledger.indexer rebuild แล้วตรวจด้วย nakhon audit diff",
        action_en="Stop the city, run python -m ledger.indexer rebuild, then nakhon audit diff.",
    ),
    "node_refused": Sentence(
        th="โหนดไม่รับคำขอ {method}: {why}",
        en="The node refused {method}: {why}.",
        action_th="ตรวจการตั้งค่าและสถานะของโหนด แล้วลองใหม่",
        action_en="Check the node's settings and state, then try again.",
    ),
    "transaction_reverted": Sentence(
        th="สัญญาปฏิเสธรายการ: {error}",
        en="The contract refused the transaction: {error}.",
        action_th="ดูเหตุผลของสัญญา แก้แล้วส่งใหม่",
        action_en="See the contract's reason, correct it and send again.",
    ),
    "development_key_refused": Sentence(
        th="คีย์ {address} เป็นคีย์ทดสอบที่ทุกคนรู้ ใช้กับเชนจริงไม่ได้",
        en="{address} is a published test key and is refused on a real chain.",
        action_th="สร้างคีย์ใหม่ที่ไม่มีผู้ใดรู้",
        action_en="Make a new key that nobody else has.",
    ),
    "tool_missing": Sentence(
        th="ขาดเครื่องมือ {tool}: {why}",
        en="{tool} is missing: {why}.",
        action_th="ติดตั้งใหม่ด้วย make demo หรือ make test",
        action_en="Install it again with make demo or make test.",
    ),
    "port_busy": Sentence(
        th="พอร์ต {port} มีโปรแกรมอื่นใช้อยู่",
        en="Port {port} is in use by another program.",
        action_th="ปิดโปรแกรมนั้น หรือเลือกพอร์ตอื่น",
        action_en="Stop that program, or choose another port.",
    ),
}
