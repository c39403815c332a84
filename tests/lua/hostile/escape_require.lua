-- expect: error:is no name of a module or file -- a path in require
require("../../etc/passwd")
