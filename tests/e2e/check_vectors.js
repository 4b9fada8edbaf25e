// Run in the pages' own browser: what our modules make of tests/vectors, to be compared in Python.
async ([redemption, qr, base]) => {
  const typed = await import(`${base}typed_data.js`);
  const { addressOf, recoverAddress, signDigest } = await import(`${base}signatures.js`);
  const { fromHex, joined, ofText, toHex } = await import(`${base}bytes.js`);
  const { decodeText, encodeText } = await import(`${base}qr_codec.js`);
  const hex = (bytes) => '0x' + toHex(bytes);
  const camel = (item) => ({
    ...item,
    signedAt: item.signed_at,
    voidedAt: item.voided_at,
    acceptedAt: item.accepted_at,
    pass: item.pass ?? item.pass_number,
    pinNeeded: item.pin_needed,
  });
  const separator = typed.domainSeparator(redemption.domain.chain_id, redemption.domain.book);
  const tag = typed.deploymentTag(separator);
  const digests = {
    redemptions: typed.redemptionDigest,
    voids: typed.voidDigest,
    receipts: typed.receiptDigest,
    requests: (at, item) => typed.requestDigest(at, { ...item, body: ofText(item.body_text) }),
  };
  const signed = (make) => (item) => {
    const digest = make(separator, camel(item));
    const signature = signDigest(digest, fromHex(item.private_key));
    return {
      digest: hex(digest),
      r: hex(signature.slice(0, 32)),
      vs: hex(signature.slice(32)),
      signer: addressOf(fromHex(item.private_key)),
      recovered: recoverAddress(digest, signature),
    };
  };
  const spelled = (kind) => (item) => {
    const fields = Object.entries(camel(item)).map(([name, value]) => [
      name,
      ['r', 'vs', 'reference', 'seed', 'policy'].includes(name) ? fromHex(value) : value,
    ]);
    const text = encodeText({ ...Object.fromEntries(fields), kind }, qr.domain.origin, tag);
    const read = decodeText(item.text);
    return { text, again: encodeText(read, qr.domain.origin, fromHex(read.tag)), kind: read.kind, lower: decodeText(item.text.toLowerCase()) };
  };
  const kinds = ['present', 'charge', 'paper', 'receipt'];
  const listed = (found) => (Array.isArray(found) ? found : found.items);
  return {
    separator: hex(separator),
    tag: hex(tag),
    signed: Object.fromEntries(Object.entries(digests).map(([name, make]) => [name, redemption[name].items.map(signed(make))])),
    spelled: Object.fromEntries(kinds.map((kind) => [kind, listed(qr[kind]).map(spelled(kind))])),
    refused: listed(qr.refused).map(({ text }) => decodeText(text)),
    nobody: redemption.refused_signatures.items.map(({ digest, r, vs }) => recoverAddress(fromHex(digest), joined(fromHex(r), fromHex(vs)))),
  };
}
