-- expect: error:bad argument #1 to 'load' -- bytecode given to load in pieces
return load(function() return "\27Lua" end)
