-- expect: timeout -- a pattern that backtracks for longer than the universe
return ("a"):rep(100):find(("a*"):rep(50) .. "b")
