// Judge many receipts in one process: cases on standard input, verdicts on standard output.

import { readFileSync } from 'node:fs';
import { nodeAt, verifyReceipt } from '../../api/web/static/verify_receipt.js';

const { rpc, book, anchors, texts } = JSON.parse(readFileSync(0, 'utf8'));
const found = {};
for (const [name, text] of Object.entries(texts)) {
  found[name] = await verifyReceipt({ text, ask: nodeAt(rpc), book, anchors }).catch((error) => ({ verdict: error.constructor.name }));
}
console.log(JSON.stringify(found));
