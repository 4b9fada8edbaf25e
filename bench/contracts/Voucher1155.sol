// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title The common voucher, as a baseline
/// @notice An OpenZeppelin ERC-1155 whose vouchers a relayer burns with the holder's EIP-712 permit.
/// It knows no campaign, merchant, quota or hour: the gas of this is the gas of no rules at all.
contract Voucher1155 is ERC1155, EIP712, Nonces, Ownable {
    struct Permit {
        address holder;
        uint256 id;
        uint256 amount;
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    bytes32 private constant PERMIT_TYPE = keccak256(
        "Permit(address holder,uint256 id,uint256 amount,uint256 nonce,uint256 deadline)"
    );

    error Voucher1155_PermitExpired(uint256 deadline);
    error Voucher1155_PermitNotSigned(address holder);

    constructor() ERC1155("") EIP712("Voucher", "1") Ownable(msg.sender) {}

    /// @notice One voucher to one holder.
    function mint(address to, uint256 id, uint256 amount) external onlyOwner {
        _mint(to, id, amount, "");
    }

    /// @notice The same voucher to many holders, as a loop.
    function mintMany(address[] calldata to, uint256 id, uint256 amount) external onlyOwner {
        for (uint256 i; i < to.length; ++i) {
            _mint(to[i], id, amount, "");
        }
    }

    /// @notice Spends a voucher by its holder's signature.
    function burn(Permit calldata permit) external {
        _burnBy(permit);
    }

    /// @notice Spends many, as a loop.
    function burnMany(Permit[] calldata permits) external {
        for (uint256 i; i < permits.length; ++i) {
            _burnBy(permits[i]);
        }
    }

    function _burnBy(Permit calldata permit) private {
        if (block.timestamp > permit.deadline) revert Voucher1155_PermitExpired(permit.deadline);
        bytes32 structHash = keccak256(
            abi.encode(
                PERMIT_TYPE,
                permit.holder,
                permit.id,
                permit.amount,
                _useNonce(permit.holder),
                permit.deadline
            )
        );
        address signer = ECDSA.recover(_hashTypedDataV4(structHash), permit.v, permit.r, permit.s);
        if (signer != permit.holder) revert Voucher1155_PermitNotSigned(permit.holder);
        _burn(permit.holder, permit.id, permit.amount);
    }
}
