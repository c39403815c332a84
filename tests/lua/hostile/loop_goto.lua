-- expect: timeout -- an endless loop by goto
::again::
goto again
