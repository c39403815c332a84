-- expect: timeout -- the same with captures and a back reference
return ("a"):rep(200):find(("(a*)"):rep(20) .. "%1b")
