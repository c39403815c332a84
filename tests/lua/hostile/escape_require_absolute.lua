-- expect: error:is no name of a module or file -- an absolute path in require
require("/etc/passwd")
