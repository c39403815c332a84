-- expect: error:'collectgarbage' is not available -- stops the collector
collectgarbage("stop")
