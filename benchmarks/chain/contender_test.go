package chain_test

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/kitgo/kit"
	"github.com/kitgo/kit/benchmarks/tasks"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/web"
	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v5"
	echomiddleware "github.com/labstack/echo/v5/middleware"
)

// contender is an application made by one of the frameworks, with two pages, /text and
// /json, with /read, which reads its body, and with what answers package tasks.
type contender struct {
	name string
	make func(log *slog.Logger) http.Handler
}

var contenders = []contender{
	{"net/http, by hand", byHand},
	{"Kit", withKit},
	{"chi", withChi},
	{"echo", withEcho},
	{"gin", withGin},
	{"net/http, nothing", bare},
}

const text = "Hello, World!"

// item is what /json answers with.
type item struct {
	ID    int64    `json:"id"`
	Name  string   `json:"name"`
	Price float64  `json:"price"`
	Tags  []string `json:"tags"`
}

func items() []item {
	list := make([]item, 5)
	for i := range list {
		list[i] = item{int64(i), "lamp", 9.5, []string{"light", "home"}}
	}
	return list
}

const maxBody = 10 << 20

// headers are the security headers that all of them set.
var headers = [][2]string{
	{"X-Content-Type-Options", "nosniff"}, {"X-Frame-Options", "SAMEORIGIN"},
	{"Referrer-Policy", "strict-origin-when-cross-origin"}, {"Cross-Origin-Opener-Policy", "same-origin-allow-popups"},
}

// line logs a request.
func line(log *slog.Logger, r *http.Request, status int, bytes int64, took time.Duration, client, id string) {
	log.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", status), slog.Int64("bytes", bytes),
		slog.Duration("duration", took), slog.String("client", client), slog.String("request_id", id))
}

func address(r *http.Request) string {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}

func bare(*slog.Logger) http.Handler { return handlers() }

// handlers are the pages as net/http has them.
func handlers() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /text", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, text)
	})
	mux.HandleFunc("GET /json", func(w http.ResponseWriter, _ *http.Request) { _ = web.JSON(w, 200, items()) })
	mux.HandleFunc("POST /read", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	tasks.Mux(mux, 200)
	return mux
}

// seen is a writer that knows what was answered.
type seen struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (s *seen) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

func (s *seen) Write(b []byte) (int, error) {
	n, err := s.ResponseWriter.Write(b)
	s.bytes += int64(n)
	return n, err
}

// byHand does the work in one function, as somebody would who needs nothing else.
func byHand(log *slog.Logger) http.Handler {
	protection := http.NewCrossOriginProtection()
	inner := gzhttp.GzipHandler(handlers())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		id := r.Header.Get("X-Request-ID")
		if id == "" {
			id = rand.Text()
		}
		h := w.Header()
		h.Set("X-Request-ID", id)
		for _, header := range headers {
			h.Set(header[0], header[1])
		}
		s := &seen{w, 200, 0}
		defer func() {
			if p := recover(); p != nil {
				log.Error("panic", "error", p, "stack", string(debug.Stack()))
				s.WriteHeader(500)
			}
			line(log, r, s.status, s.bytes, time.Since(begin), address(r), id)
		}()
		if protection.Check(r) != nil {
			s.WriteHeader(403)
			return
		}
		r.Body = http.MaxBytesReader(s, r.Body, maxBody)
		inner.ServeHTTP(s, r)
	})
}

// withKit is an application of Kit with its default chain, in production.
func withKit(log *slog.Logger) http.Handler {
	handler, err := kitApp(log).Handler()
	if err != nil {
		panic(err)
	}
	return handler
}

func kitApp(log *slog.Logger) *kit.App {
	db, err := database.Open("sqlite://:memory:", nil)
	if err != nil {
		panic(err)
	}
	cfg := kit.Config{DatabaseURL: "sqlite://:memory:", Environment: "production", Host: "127.0.0.1"}
	return &kit.App{Config: cfg, DB: db, Logger: log, Routes: func(r *web.Router) {
		r.Get("/text", func(w http.ResponseWriter, _ *http.Request) error { return web.Text(w, 200, text) })
		r.Get("/json", func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, items()) })
		r.Post("/read", func(w http.ResponseWriter, r *http.Request) error {
			_, err := io.Copy(io.Discard, r.Body)
			return err
		})
		tasks.Kit(r, 200)
	}}
}

// setHeaders is what chi and echo have no equal of.
func setHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, header := range headers {
			w.Header().Set(header[0], header[1])
		}
		next.ServeHTTP(w, r)
	})
}

func withChi(log *slog.Logger) http.Handler {
	r := chi.NewRouter()
	r.Use(chimiddleware.RequestID, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begin := time.Now()
			id := chimiddleware.GetReqID(r.Context())
			w.Header().Set("X-Request-ID", id)
			s := chimiddleware.NewWrapResponseWriter(w, r.ProtoMajor)
			defer func() {
				line(log, r, max(s.Status(), 200), int64(s.BytesWritten()), time.Since(begin), address(r), id)
			}()
			next.ServeHTTP(s, r)
		})
	}, chimiddleware.Recoverer, setHeaders, http.NewCrossOriginProtection().Handler, chimiddleware.RequestSize(maxBody), chimiddleware.Compress(5))
	r.Get("/text", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, text)
	})
	r.Get("/json", func(w http.ResponseWriter, _ *http.Request) { _ = web.JSON(w, 200, items()) })
	r.Post("/read", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	tasks.Chi(r, 200)
	return r
}

func withEcho(log *slog.Logger) http.Handler {
	e := echo.New()
	e.Logger = log
	e.Use(
		echomiddleware.RequestID(),
		echomiddleware.RequestLoggerWithConfig(echomiddleware.RequestLoggerConfig{
			LogLatency: true, LogRemoteIP: true, LogMethod: true, LogURIPath: true, LogRequestID: true, LogStatus: true, LogResponseSize: true, HandleError: true,
			LogValuesFunc: func(c *echo.Context, v echomiddleware.RequestLoggerValues) error {
				line(log, c.Request(), v.Status, v.ResponseSize, v.Latency, v.RemoteIP, v.RequestID)
				return nil
			},
		}),
		echomiddleware.Recover(), echo.WrapMiddleware(setHeaders), echo.WrapMiddleware(http.NewCrossOriginProtection().Handler),
		echomiddleware.BodyLimit(maxBody), echomiddleware.Gzip(),
	)
	e.GET("/text", func(c *echo.Context) error { return c.String(200, text) })
	e.GET("/json", func(c *echo.Context) error { return c.JSON(200, items()) })
	e.POST("/read", func(c *echo.Context) error {
		_, err := io.Copy(io.Discard, c.Request().Body)
		return err
	})
	tasks.Echo(e, 200)
	return e
}

func withGin(log *slog.Logger) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	protection := http.NewCrossOriginProtection()
	e.Use(func(c *gin.Context) {
		begin := time.Now()
		id := c.GetHeader("X-Request-ID")
		if id == "" {
			id = rand.Text()
		}
		c.Header("X-Request-ID", id)
		c.Next()
		line(log, c.Request, c.Writer.Status(), int64(max(c.Writer.Size(), 0)), time.Since(begin), c.ClientIP(), id)
	}, gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) { c.AbortWithStatus(500) }), func(c *gin.Context) {
		for _, header := range headers {
			c.Header(header[0], header[1])
		}
		if protection.Check(c.Request) != nil {
			c.AbortWithStatus(403)
			return
		}
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxBody)
	})
	e.GET("/text", func(c *gin.Context) { c.String(200, text) })
	e.GET("/json", func(c *gin.Context) { c.JSON(200, items()) })
	e.POST("/read", func(c *gin.Context) { _, _ = io.Copy(io.Discard, c.Request.Body) })
	tasks.Gin(e, 200)
	return gzhttp.GzipHandler(e)
}
