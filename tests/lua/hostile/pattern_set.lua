-- expect: timeout -- a set of 100,000 characters at each place
return ("a"):rep(100000):find("[" .. ("b"):rep(100000) .. "]+c")
