-- expect: error:_ENV takes no attribute here -- a constant _ENV, which overflows the heap of an unpatched 5.4.4
local _ENV <const> = 1
return x
