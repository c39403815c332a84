-- expect: error:'package' is not available -- the package library
package.loadlib("libc.so.6", "system")
