"""`jupyter gokernel doctor`: what it looks at, says, mends, and hands out to paste."""
