-- expect: ok -- what _G holds cannot be written through its values
for _, library in pairs(_G) do
  if type(library) == "table" and library ~= _G then
    assert(not pcall(function() library.x = 1 end))
    assert(not pcall(rawset, library, "x", 1))
    assert(not pcall(table.insert, library, 1))
    assert(not pcall(table.move, { 1 }, 1, 1, 1, library))
    assert(not pcall(table.sort, library))
    assert(getmetatable(library) == false)
  end
end
assert(string.x == nil)
