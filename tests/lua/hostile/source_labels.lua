-- expect: error:label 'a' already defined -- a label twice
::a::
::a::
