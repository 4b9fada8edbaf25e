"""What goes over the wire, one module per noun. Amounts are strings of satang, times seconds."""
