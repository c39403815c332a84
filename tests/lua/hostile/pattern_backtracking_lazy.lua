-- expect: timeout -- the same with lazy items
return ("a"):rep(100):match((".-"):rep(50) .. "b")
