-- expect: error:larger than 16 KiB -- load of a large text
error((select(2, load("return " .. ("1,"):rep(10000) .. "1"))), 0)
