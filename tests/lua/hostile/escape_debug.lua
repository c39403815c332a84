-- expect: error:'debug' is not available -- the debug library
debug.getregistry()
