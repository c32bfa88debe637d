"""How far readers agree: kappa, alpha, specific agreement, and boxes matched one to one."""
