//! The operation log 操作日志, the seal over all streams, and its verification.
