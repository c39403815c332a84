-- expect: ok -- chance: a rule gives the same answer everywhere
assert(math.random == nil and math.randomseed == nil)
