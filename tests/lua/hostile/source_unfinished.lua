-- expect: error:unfinished -- a text that does not end
return "abc
