"""web3.py at work for a deployment: it builds the transactions, our signer signs them.

Every failure of web3 or of its transport leaves here as an error of the ledger.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from aiohttp import ClientError
from eth_typing import HexStr
from web3 import AsyncHTTPProvider, AsyncWeb3
from web3.contract import AsyncContract
from web3.exceptions import (
    ContractLogicError,
    TimeExhausted,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)
from web3.types import TxParams

from ledger.chain.artifacts import load_artifact
from ledger.chain.reverts import read_revert
from ledger.chain.signer import SignedTransaction, Signer, Transaction, sign_transaction
from ledger.errors import NodeRefused, NodeUnreachable, TransactionReverted

REQUEST_SECONDS_MAX: Final = 60
RECEIPT_SECONDS_MAX: Final = 300
RECEIPT_POLL_SECONDS: Final = 0.05

KNOWN_ALREADY: Final = ("already known", "already imported", "nonce too low")


@contextmanager
def ledger_errors(what: str) -> Iterator[None]:
    """Turn what web3 raises inside into NodeUnreachable, TransactionReverted or NodeRefused."""
    try:
        yield
    except (ClientError, TimeoutError, OSError, TimeExhausted) as error:
        raise NodeUnreachable(url="node", why=f"{what}: {error or type(error).__name__}") from error
    except ContractLogicError as error:
        data = error.data if isinstance(error.data, str) else "0x"
        raise read_revert(data, str(error)) from error
    except Web3RPCError as error:
        raise NodeRefused(method=what, rpc_code=0, why=str(error)) from error
    except Web3Exception as error:
        raise NodeUnreachable(url="node", why=f"{what}: {error}") from error


class Node:
    """One node and one key: contracts are created, called and asked through it."""

    def __init__(self, web3: AsyncWeb3[AsyncHTTPProvider], signer: Signer) -> None:
        self._web3 = web3
        self.signer = signer

    async def chain_id(self) -> int:
        with ledger_errors("eth_chainId"):
            return int(await self._web3.eth.chain_id)

    async def code(self, address: str) -> bytes:
        """Code of an address now, empty where there is no contract."""
        with ledger_errors("eth_getCode"):
            return bytes(await self._web3.eth.get_code(self._web3.to_checksum_address(address)))

    async def block_hash(self, number: int) -> str | None:
        """Hash of the block at a height, None above the head."""
        if number > await self.height():
            return None
        with ledger_errors("eth_getBlockByNumber"):
            block = await self._web3.eth.get_block(number)
        return str(block["hash"].to_0x_hex())

    async def height(self) -> int:
        with ledger_errors("eth_blockNumber"):
            return int(await self._web3.eth.block_number)

    async def account_nonce(self) -> int:
        """How many transactions our key has sent that are in blocks."""
        sender = self._web3.to_checksum_address(self.signer.address)
        with ledger_errors("eth_getTransactionCount"):
            return int(await self._web3.eth.get_transaction_count(sender))

    def contract(self, name: str, address: str) -> AsyncContract:
        """One of the city's contracts where it stands."""
        return self._web3.eth.contract(
            address=self._web3.to_checksum_address(address), abi=load_artifact(name).abi
        )

    async def ask(self, name: str, address: str, function: str, *arguments: Any) -> Any:
        """Call a view function."""
        with ledger_errors(f"{name}.{function}"):
            return await self.contract(name, address).functions[function](*arguments).call()

    async def sign_creation(
        self, name: str, arguments: list[Any], account_nonce: int
    ) -> SignedTransaction:
        """The signed transaction that creates a contract, not sent yet."""
        artifact = load_artifact(name)
        factory = self._web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
        with ledger_errors(f"create {name}"):
            built = await factory.constructor(*arguments).build_transaction(self._sender())
        return await self._sign(built, account_nonce)

    async def transact(self, name: str, address: str, function: str, *arguments: Any) -> None:
        """Call a function in a transaction and wait for its block."""
        call = self.contract(name, address).functions[function](*arguments)
        with ledger_errors(f"{name}.{function}"):
            built = await call.build_transaction(self._sender())
        signed = await self._sign(built, await self.account_nonce())
        await self.send(signed.raw)
        await self.receipt(signed.hash, what=f"{name}.{function}")

    def _sender(self) -> TxParams:
        return {"from": self._web3.to_checksum_address(self.signer.address)}

    async def _sign(self, built: TxParams, account_nonce: int) -> SignedTransaction:
        data = built["data"]
        return await sign_transaction(
            self.signer,
            Transaction(
                chain_id=int(built["chainId"]),
                account_nonce=account_nonce,
                priority_fee_wei=int(built["maxPriorityFeePerGas"]),
                fee_wei_max=int(built["maxFeePerGas"]),
                gas_limit=int(built["gas"]),
                to=str(built["to"]) if built.get("to") else None,
                data=bytes.fromhex(data.removeprefix("0x")) if isinstance(data, str) else data,
            ),
        )

    async def send(self, raw: bytes) -> None:
        """Hand a signed transaction over; one that the node has already is not an error."""
        try:
            with ledger_errors("eth_sendRawTransaction"):
                await self._web3.eth.send_raw_transaction(raw)
        except NodeRefused as refused:
            why = str(refused.details["why"]).lower()
            if not any(words in why for words in KNOWN_ALREADY):
                raise

    async def is_included(self, tx_hash: str) -> bool:
        """True when a transaction is in a block."""
        with ledger_errors("eth_getTransactionReceipt"):
            try:
                await self._web3.eth.get_transaction_receipt(HexStr(tx_hash))
            except TransactionNotFound:
                return False
        return True

    async def receipt(self, tx_hash: str, *, what: str) -> tuple[str, int]:
        """Wait for a transaction's block: the contract it created ("" if none) and the height."""
        with ledger_errors(what):
            found = await self._web3.eth.wait_for_transaction_receipt(
                HexStr(tx_hash),
                timeout=RECEIPT_SECONDS_MAX,
                poll_latency=RECEIPT_POLL_SECONDS,
            )
        if found["status"] != 1:
            raise TransactionReverted(error=what, arguments={"transaction": tx_hash})
        return str(found["contractAddress"] or ""), int(found["blockNumber"])


@asynccontextmanager
async def open_node(rpc_url: str, signer: Signer) -> AsyncIterator[Node]:
    """A node for as long as the block runs; its connections are closed afterwards."""
    provider = AsyncHTTPProvider(rpc_url, request_kwargs={"timeout": REQUEST_SECONDS_MAX})
    web3 = AsyncWeb3(provider)
    try:
        yield Node(web3, signer)
    finally:
        await provider.disconnect()
