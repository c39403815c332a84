-- expect: error:'dofile' is not available -- another file
dofile("/etc/passwd")
