local never = 1
