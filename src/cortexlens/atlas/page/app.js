window.cortexlens = { receive() {} };
