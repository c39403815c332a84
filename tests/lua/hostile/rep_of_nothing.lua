-- expect: ok -- nothing, repeated 2^62 times: 5.4.4 counts them all
assert((""):rep(1 << 62) == "")
