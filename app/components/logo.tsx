/** The mark: a quarter turn of rising months. */
export const LogoMark = ({ className = "size-5" }: { className?: string }) => (
  <svg viewBox="0 0 24 24" className={className} aria-hidden="true" focusable="false">
    <rect width="24" height="24" rx="6" fill="url(#logo-ground)" />
    <path
      d="M6.5 17v-3.5M10.2 17v-6M13.9 17V9M17.6 17V6.5"
      stroke="#fff"
      strokeWidth="2"
      strokeLinecap="round"
    />
    <defs>
      <linearGradient id="logo-ground" x1="0" y1="0" x2="24" y2="24" gradientUnits="userSpaceOnUse">
        <stop stopColor="#5b50ee" />
        <stop offset="1" stopColor="#0d9488" />
      </linearGradient>
    </defs>
  </svg>
);

export const Logo = () => (
  <span className="inline-flex items-center gap-2.5">
    <LogoMark className="size-6" />
    <span className="text-base font-semibold tracking-tight">Jarvis360</span>
  </span>
);
