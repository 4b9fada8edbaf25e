"""QR codes: the canonical text of each kind, and its picture."""
