-- expect: error:the attribute <close> is not available -- the attribute that makes such a variable
local x <close> = nil
return x
