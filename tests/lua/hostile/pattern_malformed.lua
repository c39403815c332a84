-- expect: error:malformed pattern -- a set that does not end
return ("x"):find("[a")
