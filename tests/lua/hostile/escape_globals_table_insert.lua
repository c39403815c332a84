-- expect: error:this table is frozen -- the same by table.insert
table.insert(_G, 1)
