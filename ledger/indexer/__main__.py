"""The indexer alone: `python -m ledger.indexer` follows the chain until it is told to stop.

`python -m ledger.indexer rebuild` drops the index and reads the chain again, once: the way back
after a reorg deeper than finality, and from every doubt. The till's records are not touched. Both
read the settings of the environment (`NAKHON_…`); stop the city's own indexer before a rebuild.
"""

import asyncio
import signal
import sys

from ledger.chain.deployment import Deployment, check_deployment
from ledger.chain.gateway import Gateway
from ledger.db.migrate import migrate
from ledger.db.session import make_engine
from ledger.errors import LedgerError
from ledger.indexer.run import run_indexer
from ledger.indexer.source import source_of
from ledger.indexer.sync import rebuild
from ledger.log_lines import write_log
from ledger.settings import Settings, read_settings


async def serve(settings: Settings, *, anew: bool) -> None:
    """Follow the chain until SIGINT or SIGTERM, or read it anew and end."""
    deployment = Deployment.load(settings.deployment)
    engine = make_engine(settings.database_url)
    try:
        await migrate(engine)
        async with Gateway(settings.rpc_url) as gateway:
            await check_deployment(gateway, deployment)
            if anew:
                report = await rebuild(
                    gateway,
                    engine,
                    source_of(deployment),
                    confirmations=settings.confirmations,
                )
                sys.stdout.write(f"{report.events} events up to block {report.head.number}\n")
                return
            stop = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            await run_indexer(
                gateway, engine, deployment, stop=stop, confirmations=settings.confirmations
            )
    finally:
        await engine.dispose()


def main() -> int:
    """Run as the arguments say: 0 when all went well, 1 for an expected failure, 2 for a wrong
    argument."""
    if sys.argv[1:] not in ([], ["rebuild"]):
        sys.stderr.write("usage: python -m ledger.indexer [rebuild]\n")
        return 2
    write_log(sys.stderr)
    try:
        asyncio.run(serve(read_settings(), anew=sys.argv[1:] == ["rebuild"]))
    except LedgerError as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
