"""The heart of Nakhon: domain, chain, index, till and audit, without a web framework."""
