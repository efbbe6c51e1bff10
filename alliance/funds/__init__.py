"""The alliance's money: performance totals, the collaboration fund, its shares and statements."""
