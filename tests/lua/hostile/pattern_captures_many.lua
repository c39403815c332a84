-- expect: error:too many captures -- more captures than there is room for
return ("x"):match(("()"):rep(100))
