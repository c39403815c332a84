-- expect: timeout -- table.move of 2^60 items
table.move({}, 1, 1 << 60, 2)
