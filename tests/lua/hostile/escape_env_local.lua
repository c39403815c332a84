-- expect: ok -- an _ENV of its own: nothing is in it
local stolen
do
  local _ENV = {}
  stolen = print or os or io or string
end
assert(stolen == nil)
