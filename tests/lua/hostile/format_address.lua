-- expect: error:'%p' is not available -- asks for the address of a table
return ("%p"):format({})
