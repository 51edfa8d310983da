//! The public side: report by QR, follow, rate; behind three messages (DECISIONS 28).
