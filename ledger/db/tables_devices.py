"""The till's people: cashiers' devices, ambassadors, assisted acts."""
