-- expect: error:attempt to index a boolean value -- the metatable of all strings
getmetatable("").__index = function()
  return "taken"
end
