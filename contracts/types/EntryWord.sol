// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using {
    head,
    isUnnamed,
    hasStep,
    step,
    merchantIndex,
    bill,
    amount,
    copay,
    figures,
    billMaximum,
    amountMaximum,
    copayMaximum
} for EntryWord global;

/// @notice The first 32 bytes of a batch entry, which hold everything but its signature: head 3
/// bytes, merchantIndex 1, bill 4, amount 3, copay 4, and where the holder named no merchant the
/// signed maximum: bill 4, amount 3, copay 4. The rest is the beginning of the signature.
type EntryWord is uint256;

function head(EntryWord word) pure returns (uint256) {
    return EntryWord.unwrap(word) >> 232;
}

/// @notice The holder named no merchant, so the entry holds a maximum.
function isUnnamed(EntryWord word) pure returns (bool) {
    return EntryWord.unwrap(word) >> 255 != 0;
}

/// @notice Whether the head names a step: it is not 0, which means never, and the two bits above it,
/// which mean nothing yet, are 0.
/// @dev The 23 bits below bit 23 are from 1 to 2^21 - 1; less 1 they are below that, and 0 wraps.
function hasStep(EntryWord word) pure returns (bool) {
    unchecked {
        return ((EntryWord.unwrap(word) >> 232) & 0x7fffff) - 1 < 0x1fffff;
    }
}

function step(EntryWord word) pure returns (uint256) {
    return (EntryWord.unwrap(word) >> 232) & 0x1fffff;
}

function merchantIndex(EntryWord word) pure returns (uint256) {
    return (EntryWord.unwrap(word) >> 224) & 0xff;
}

function bill(EntryWord word) pure returns (uint256) {
    return (EntryWord.unwrap(word) >> 192) & 0xffffffff;
}

function amount(EntryWord word) pure returns (uint256) {
    return (EntryWord.unwrap(word) >> 168) & 0xffffff;
}

function copay(EntryWord word) pure returns (uint256) {
    return (EntryWord.unwrap(word) >> 136) & 0xffffffff;
}

/// @notice Bill, amount and copay together, as a record holds them: 11 bytes.
function figures(EntryWord word) pure returns (uint256) {
    return (EntryWord.unwrap(word) >> 136) & 0xffffffffffffffffffffff;
}

function billMaximum(EntryWord word) pure returns (uint256) {
    return (EntryWord.unwrap(word) >> 104) & 0xffffffff;
}

function amountMaximum(EntryWord word) pure returns (uint256) {
    return (EntryWord.unwrap(word) >> 80) & 0xffffff;
}

function copayMaximum(EntryWord word) pure returns (uint256) {
    return (EntryWord.unwrap(word) >> 48) & 0xffffffff;
}
