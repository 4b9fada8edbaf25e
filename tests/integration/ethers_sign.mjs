// Signs EIP-712 documents with ethers, as a wallet that never heard of us would.
// stdin: {"key": "0x…", "documents": [typed data …]}; stdout: one {address, digest, signature, compact} each.
import {Signature, TypedDataEncoder, Wallet} from "ethers";
import {readFileSync, writeSync} from "node:fs";

const {key, documents} = JSON.parse(readFileSync(0, "utf8"));
const wallet = new Wallet(key);
const signed = [];
for (const {types, domain, message} of documents) {
  // ethers derives the type of the domain itself and refuses to be told.
  const {EIP712Domain: _, ...own} = types;
  const signature = await wallet.signTypedData(domain, own, message);
  signed.push({
    address: wallet.address,
    digest: TypedDataEncoder.hash(domain, own, message),
    signature,
    compact: Signature.from(signature).compactSerialized,
  });
}
writeSync(1, JSON.stringify(signed));
