"""One lunch-coupon campaign of Mae Hia, from the council's decision to the closed account."""
