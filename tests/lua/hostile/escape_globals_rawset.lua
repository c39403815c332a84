-- expect: error:this table is frozen -- the same by rawset
rawset(_G, "counter", 1)
