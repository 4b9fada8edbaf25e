// Hardhat's in-memory chain with the rules Nakhon is built for. Nothing is compiled here: the
// contracts come from ledger/chain/artifacts.
export default {
  networks: {
    default: {
      type: "edr-simulated",
      chainType: "l1",
      chainId: 31337,
      hardfork: "osaka",
      // A block for every transaction, and one every two seconds: what was included becomes final.
      mining: { auto: true, interval: 2000 },
    },
  },
};
