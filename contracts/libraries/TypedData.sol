// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev A Redemption message on its way to a digest, reused from entry to entry. First what EIP-712
/// puts before the struct hash, then the struct as `abi.encode` would lay it out: seven words.
struct RedemptionMessage {
    uint256 prefix; // its last two bytes are 0x1901
    bytes32 separator;
    bytes32 structHash;
    bytes32 typeHash;
    uint256 campaign;
    uint256 merchant;
    uint256 bill;
    uint256 amount;
    uint256 copay;
    uint256 signedAt;
}

/// @notice EIP-712 hashes of the two messages the book reads, and their signers.
library TypedData {
    bytes32 internal constant REDEMPTION_TYPE = keccak256(
        "Redemption(uint32 campaign,uint32 merchant,uint32 bill,uint32 amount,uint32 copay,"
        "uint40 signedAt)"
    );
    bytes32 internal constant VOID_TYPE = keccak256(
        "Void(uint32 campaign,uint32 pass,uint32 merchant,uint32 amount,uint40 signedAt,"
        "uint40 voidedAt)"
    );
    uint256 private constant PREFIX = 0x1901;
    uint256 private constant LOW_HALF = (1 << 255) - 1;
    /// @dev Half the order of secp256k1. Every signature has a twin with s above it.
    uint256 private constant HALF_ORDER =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice A message whose fields from `merchant` on are still to be written.
    function open(bytes32 separator, uint256 campaign)
        internal
        pure
        returns (RedemptionMessage memory message)
    {
        message.prefix = PREFIX;
        message.separator = separator;
        message.typeHash = REDEMPTION_TYPE;
        message.campaign = campaign;
    }

    /// @notice What the holder signed.
    /// @dev Proof: a memory struct of ten value types is ten consecutive words (Solidity, "Layout in
    /// Memory"). Words 3 to 9, 224 bytes from 96 on, are `abi.encode` of the struct. The 66 bytes
    /// from 30 on are the last two of word 0 and words 1 and 2. Only word 2, `structHash`, is written.
    function digest(RedemptionMessage memory message) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            mstore(add(message, 64), keccak256(add(message, 96), 224))
            hash := keccak256(add(message, 30), 66)
        }
    }

    /// @notice The struct hash of a void.
    function hashVoid(
        uint256 campaign,
        uint256 pass,
        uint256 merchant,
        uint256 amount,
        uint256 signedAt,
        uint256 voidedAt
    ) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(VOID_TYPE, campaign, pass, merchant, amount, signedAt, voidedAt)
        );
    }

    /// @notice The signer of an EIP-2098 signature; 0 where there is none, or it is a high-s twin.
    function recover(bytes32 hash, bytes32 r, bytes32 vs) internal pure returns (address signer) {
        unchecked {
            uint256 s = uint256(vs) & LOW_HALF;
            uint8 v = uint8(27 + (uint256(vs) >> 255));
            if (s <= HALF_ORDER) signer = ecrecover(hash, v, r, bytes32(s));
        }
    }
}
